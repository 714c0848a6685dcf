cimport cython
from libc.stdint cimport int32_t, uint16_t

cdef extern from "math.h":
    cpdef double rint(double x)

cdef double _FINE

@cython.locals(found=uint16_t)
cpdef join(
    const uint16_t[::1] before, const double[::1] met, Py_ssize_t width, const double[::1] among,
    const int32_t[::1] kept, uint16_t[::1] into,
)

cpdef part(const uint16_t[::1] table, double[::1] into)

cdef uint16_t _whole(double likeness) except? 65535

@cython.locals(side=Py_ssize_t)
cdef Py_ssize_t _root(Py_ssize_t square) except -1
