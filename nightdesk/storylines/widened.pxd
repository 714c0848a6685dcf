from nightdesk.storylines.greatest cimport zeros

cdef extern from "math.h":
    cpdef double sqrt(double x)

cdef double _LEAST

cdef class Widened:
    cdef readonly double mass, length
    cdef readonly double[::1] weights, members

    cpdef double newcomer(self, double cosine, const double[::1] met, Py_ssize_t first) except? -1.0

cpdef Widened widened(
    double mass, const double[::1] cosine, const double[::1] likeness, double[::1] weights
)
