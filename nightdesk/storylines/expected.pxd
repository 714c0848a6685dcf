cimport cython

cdef double _REPORTS

@cython.locals(belief=double)
cpdef double best_expected(list rising, double missed, double at_first) except? -1.0
