cimport cython
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

ctypedef fused Start:
    uint8_t
    uint16_t
    uint32_t

ctypedef fused Place:
    uint8_t
    uint16_t

cdef uint64_t _HASH, _LOW, _PAST, _PLACE
cdef uint32_t _FIRST_DAY

cpdef bint sound(const uint32_t[::1] hashes, const uint16_t[::1] weights, long most) except -1

@cython.locals(
    at=Py_ssize_t, size=Py_ssize_t, word=Py_ssize_t, low=Py_ssize_t, high=Py_ssize_t, middle=Py_ssize_t,
    each=Py_ssize_t, wanted=uint32_t, weight=double, sums='double[::1]',
)
cpdef meet(
    const uint32_t[::1] hashes, const Start[::1] starts, const Place[::1] places, const uint16_t[::1] weights,
    const uint32_t[::1] said, const uint16_t[::1] heavy, double whole,
    double[::1] shares, double[::1] days,
)

@cython.locals(
    first=Py_ssize_t, end=Py_ssize_t, after=Py_ssize_t, row=Py_ssize_t, place=Py_ssize_t, weight=double,
    sums='double[::1]',
)
cpdef among(const uint64_t[::1] said, Py_ssize_t size, double whole, double[::1] shares, double[::1] days)

cdef void _share(double[::1] sums, double[::1] days, double whole)

@cython.locals(hashed=uint64_t)
cpdef Py_ssize_t say(
    const uint32_t[::1] hashes, const uint16_t[::1] weights, uint64_t place, uint64_t[::1] said,
    Py_ssize_t first,
) except -1

@cython.locals(
    other=Py_ssize_t, filled=Py_ssize_t, words=Py_ssize_t, more=Py_ssize_t, word=Py_ssize_t,
    each=Py_ssize_t, hashed=uint64_t, place=int32_t,
)
cpdef Py_ssize_t merge(
    const uint32_t[::1] hashes, const Start[::1] starts, const Place[::1] places, const uint16_t[::1] weights,
    const uint64_t[::1] said, const int32_t[::1] renamed, Py_ssize_t after, uint64_t[::1] into,
) except -1

@cython.locals(place=int32_t)
cdef Py_ssize_t _keep(
    uint64_t word, Py_ssize_t after, const int32_t[::1] renamed, uint64_t[::1] into, Py_ssize_t filled
) except -1

@cython.locals(words=Py_ssize_t, each=Py_ssize_t, word=uint64_t, hashed=uint32_t)
cpdef Py_ssize_t file(
    const uint64_t[::1] said, uint32_t[::1] hashes, Start[::1] starts, Place[::1] places,
    uint16_t[::1] weights,
) except -1
