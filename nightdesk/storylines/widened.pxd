from nightdesk.storylines.greatest cimport zeros

cdef extern from "math.h":
    cpdef double sqrt(double x)

cdef double _LEAST

cdef class Widened:
    cdef readonly double mass, square
    cdef readonly double[::1] weights

    cpdef double newcomer(self, double cosine, const double[::1] met, Py_ssize_t first) except? -1.0
    cpdef double[::1] products(self, const double[::1] cosine, const double[::1] likeness)
    cpdef double[::1] members(self, const double[::1] cosine, const double[::1] likeness)

cpdef Widened widened(
    double mass, const double[::1] cosine, const double[::1] likeness, double[::1] weights
)

cdef double _root(double square)
