cdef double _BRIEF, _LONG

cpdef double brevity(double log_words) except? -1.0
