// A library must have at least one source file; a room that is only headers has this one.
