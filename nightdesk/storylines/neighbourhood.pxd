cimport cython

from nightdesk.storylines.brevity cimport brevity
from nightdesk.storylines.company cimport density, gap, vote
from nightdesk.storylines.flow cimport Walked, walked
from nightdesk.storylines.greatest cimport greatest, insert, mean, mean_with, zeros
from nightdesk.storylines.widened cimport Widened, widened

cdef extern from "math.h":
    cpdef double log(double x)
    cpdef bint isnan(double x)

cdef double _CLOSE_AT, _CLOSE_BY, _EPSILON, _LEAST_USUAL, _MOST_MASS, _SHARE, _SUREST, _TRUSTED, _USUAL
cdef Py_ssize_t _BEST, _CORE_BEST, _FURTHER, _NEAREST, _VOTE, _WIDTH

cdef class Neighbourhood:
    cdef double share, log_words, two, more, two_alike, more_alike
    cdef Py_ssize_t best_known, core_known
    cdef double[::1] best, core_best
    cdef Widened core, inner_core
    cdef Walked flow, even_flow

    cdef double[::1] weights(
        self, const double[::1] values, Py_ssize_t known, double[::1] best, Py_ssize_t power
    )
    cdef void tell(
        self, double[::1] row, Py_ssize_t at, double cosine, double best, double top, double rival
    )
    cdef void tell_core(
        self, double[::1] row, Py_ssize_t at, double core, double top, double inner_core
    )
    cdef double brief(self, double log_words)
    @cython.locals(
        cosine="const double[::1]", log_words="const double[::1]", rivals="const double[::1]",
    )
    cpdef first_of_all(self, object crowd, double[::1] rows, double[::1] contexts)
    @cython.locals(cosine=double, met="const double[::1]", texts=Py_ssize_t)
    cpdef tuple first_of(self, object report, double[::1] row)

cdef class Opinions:
    cdef double[::1] days, trust
    cdef Py_ssize_t texts, told
    cdef Widened learned

    cdef bint counts(self, Py_ssize_t report, double days)
    cpdef second_of_all(self, object crowd, const double[::1] odds, double[::1] rows)
    @cython.locals(cosine=double, met="const double[::1]")
    cpdef second_of(self, object report, double odds, double[::1] row)
    cdef void tell(self, double[::1] row, Py_ssize_t at, double cosine, double learned, double odds)
    cdef void tell_time(self, double[::1] row, Py_ssize_t at, double days, Py_ssize_t itself)

cdef double closeness(double best)

cdef const double[::1] _flat(object values)
