// What the libraries of the process are told before main(), so that an idle server stays small
// (bench/idle_memory measures it).

extern "C" {

// jemalloc: one arena per core instead of four, each with its own slack. Threads of a server keep
// to their cores by themselves.
const char* malloc_conf = "percpu_arena:percpu";

// GnuTLS comes with libpq, which needs it for look-ups in LDAP only, and would otherwise build its
// tables in every process: https://www.gnutls.org/manual (gnutls_global_init).
int _gnutls_global_init_skip() {
    return 1;
}

}  // extern "C"
