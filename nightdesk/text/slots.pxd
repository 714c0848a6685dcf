cimport cython
from libc.stdint cimport int32_t, uint16_t

@cython.locals(number=int32_t, most=int32_t)
cpdef int32_t count_equal(
    const uint16_t[::1] table, const uint16_t[::1] one, int32_t[::1] counts
) except -1
