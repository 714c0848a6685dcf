from nightdesk.storylines.greatest cimport greatest, mean, mean_with, zeros

cdef extern from "math.h":
    cpdef double log(double x)
    cpdef double sqrt(double x)

cdef Py_ssize_t _BEST
cdef double _LEAST, _NOTHING

cdef class Walked:
    cdef readonly Py_ssize_t nearest, sharpness, known
    cdef readonly double on
    cdef readonly bint even
    cdef readonly double[::1] least, degree, spread, best

    cpdef double newcomer(
        self, double link, const double[::1] met, Py_ssize_t first, const double[::1] top
    ) except? -1.0
    cpdef double[::1] members(self)
    cdef double[::1] shares(self)

cpdef Walked walked(object walk, double[::1] links, const double[::1] likeness)

cdef void _sharpen(Walked found, double[::1] edges)

cdef void _spread(Walked found, double[::1] edges)

cdef double _power(double base, Py_ssize_t exponent)

cdef double _level(double share, double usual)
