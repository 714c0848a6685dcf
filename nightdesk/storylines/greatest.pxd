cpdef double[::1] zeros(Py_ssize_t size)

cpdef Py_ssize_t greatest(
    const double[::1] values, Py_ssize_t first, Py_ssize_t end, Py_ssize_t number, double[::1] top
) except -1

cpdef double mean(const double[::1] top, Py_ssize_t known) except? -1.0

cpdef void insert(double[::1] top, Py_ssize_t known, Py_ssize_t number, double value)

cpdef double mean_with(
    const double[::1] top, Py_ssize_t known, Py_ssize_t number, double value
) except? -1.0
