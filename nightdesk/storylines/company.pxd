cimport cython
from nightdesk.storylines.greatest cimport greatest

cdef extern from "math.h":
    cpdef double log1p(double x)

cdef Py_ssize_t _VOTERS
cdef double _NEVER, _DAYS, _FAINT

cpdef double vote(const double[::1] met, const double[::1] trust, double[::1] top) except? -1.0

cpdef double gap(const double[::1] others, double days, Py_ssize_t itself) except? -1.0

cpdef double density(const double[::1] others, double days, Py_ssize_t itself) except? -1.0

@cython.locals(place=Py_ssize_t)
cpdef Py_ssize_t nearest(const double[::1] met, Py_ssize_t first, const double[::1] beliefs, bint accepted) except? -1
