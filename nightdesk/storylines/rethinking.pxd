from libc.stdint cimport uint8_t
from nightdesk.storylines.weighing cimport rounded

cdef extern from "math.h":
    cpdef double exp(double x)

cdef double _MOST

cpdef double logistic(double score) except? -1.0

cpdef open_at(
    const double[::1] moments, const double[::1] excluded, double moment, double window, uint8_t[::1] opened
)

cpdef believe(
    const double[::1] log_odds, const double[::1] worth, const uint8_t[::1] opened, double[::1] scores,
    double[::1] beliefs,
)

cpdef decide(
    const double[::1] beliefs, double fits, double possible, double mind, const uint8_t[::1] opened,
    double[::1] decisions,
)

cpdef double code(double belief, double fits, double possible) except? -1.0
