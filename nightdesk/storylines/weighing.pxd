cimport cython
from nightdesk.storylines.greatest cimport zeros

cdef extern from "math.h":
    cpdef double rint(double x)

cdef Py_ssize_t _NUMBERS
cdef double _PARTS

cpdef double weigh(
    const double[::1] weights, const double[::1] rows, Py_ssize_t first, double brief, double close,
    double[::1] products,
) except? -1.0

cpdef weigh_all(
    const double[::1] weights, const double[::1] rows, const double[::1] contexts, double[::1] log_odds
)

@cython.locals(level=double)
cpdef gather(
    const double[::1] products, const long long[::1] groups, const double[::1] usual, double brief, double close,
    double[::1] sums,
)

cpdef double rounded(double value) except? -1.0
