cimport cython
from libc.stdint cimport int32_t, int64_t, uint32_t, uint8_t

cdef uint32_t _LEVEL
cdef int _PLACE, _WORD
cdef int64_t _SPREAD

@cython.locals(distinct=Py_ssize_t, at=Py_ssize_t, slot=Py_ssize_t, number=int32_t)
cpdef Py_ssize_t count(
    const int32_t[::1] said, Py_ssize_t twice, int32_t[::1] slots, int32_t[::1] numbers, int32_t[::1] firsts,
    int32_t[::1] times,
) except -1

@cython.locals(last=Py_ssize_t, slot=Py_ssize_t)
cdef Py_ssize_t seek(const int32_t[::1] numbers, const int32_t[::1] slots, int32_t number) noexcept

@cython.locals(found=Py_ssize_t, each=Py_ssize_t, place=int32_t)
cpdef Py_ssize_t find(
    const int32_t[::1] numbers, const int32_t[::1] slots, const int32_t[::1] wanted, int32_t[::1] met,
    int32_t[::1] at,
) except -1

@cython.locals(product=double, beside=double, share=double, each=Py_ssize_t, place=int32_t)
cpdef tuple meet(
    const int32_t[::1] numbers, const int32_t[::1] slots, const double[::1] values, const double[::1] titled,
    Py_ssize_t plain, const int32_t[::1] rows, const double[::1] weights,
)

@cython.locals(most=Py_ssize_t, each=Py_ssize_t, number=int32_t, often=Py_ssize_t)
cpdef weigh(
    const int32_t[::1] numbers, const int32_t[::1] times, const double[::1] logs, const double[::1] rare,
    const double[::1] strange, double[::1] tallies, double[::1] values,
)

@cython.locals(each=Py_ssize_t, at=Py_ssize_t, number=int32_t, entry=uint32_t, tally=double)
cpdef add_up(
    const int32_t[::1] numbers, const double[::1] tallies, double norm, const int64_t[::1] starts,
    const uint32_t[::1] entries, double[::1] sums,
)

@cython.locals(
    last=Py_ssize_t, at=Py_ssize_t, number=int32_t, wanted=int64_t, low=Py_ssize_t, high=Py_ssize_t,
    middle=Py_ssize_t,
)
cpdef sift(
    const int32_t[::1] said, const uint8_t[::1] alone, const uint8_t[::1] flags, const int64_t[::1] pairs,
    list singles, list firsts,
)

cpdef int64_t paired(int64_t first, int64_t second) except? -1

cpdef int64_t mixed(int64_t first, int64_t second, Py_ssize_t last) except? -1
