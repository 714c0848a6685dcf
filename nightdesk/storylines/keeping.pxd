cimport cython
from libc.stdint cimport uint8_t

@cython.locals(left=Py_ssize_t, latest=double, lowest=double, worth=double, worst=Py_ssize_t)
cpdef let_go(
    const double[::1] beliefs, const double[::1] moments, double horizon, double least, double most,
    Py_ssize_t number, uint8_t[::1] gone,
)
