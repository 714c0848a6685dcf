cimport cython
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

cdef uint64_t _ALL, _MIXED, _NONE
cdef Py_ssize_t _LONGEST
cdef uint32_t _SPACE
cdef uint8_t _ALWAYS

@cython.final
cdef class Table:
    cdef uint64_t base
    cdef int shift
    cdef uint64_t last
    cdef uint64_t[::1] entries
    cdef const uint8_t[::1] between
    cdef uint32_t known

    @cython.locals(
        size=Py_ssize_t, found=Py_ssize_t, start=Py_ssize_t, at=Py_ssize_t, hashed=uint64_t, key=uint64_t,
    )
    cpdef Py_ssize_t cut(
        self, const uint32_t[::1] text, int32_t[::1] starts, int32_t[::1] ends, int32_t[::1] codes, list strange,
    ) except -1

    @cython.locals(kind=uint8_t)
    cdef bint parted(self, uint32_t code, uint32_t after) noexcept

    @cython.locals(place=Py_ssize_t)
    cpdef int32_t code(self, uint64_t key) except? -1

    @cython.locals(at=uint64_t)
    cdef Py_ssize_t place(self, uint64_t key) noexcept

    @cython.locals(hashed=uint64_t, at=Py_ssize_t)
    cpdef uint64_t key(self, const uint32_t[::1] chunk) except? 0

    @cython.locals(place=Py_ssize_t)
    cpdef keep(self, uint64_t key, int32_t code)

@cython.locals(words=Py_ssize_t, chunk=Py_ssize_t, code=int32_t)
cpdef Py_ssize_t counted(const int32_t[::1] codes, const int32_t[::1] several) except -1

@cython.locals(words=Py_ssize_t, chunk=Py_ssize_t, at=Py_ssize_t, code=int32_t, place=int32_t)
cpdef spread(
    const int32_t[::1] codes, const int32_t[::1] several, int32_t[::1] numbers, int32_t[::1] firsts,
)
