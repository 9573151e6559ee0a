/* An extension module whose functions are known by name on every stack: none of them is inlined, and none ends in a jump. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <time.h>

#define KEPT __attribute__((noinline, noclone))

static volatile unsigned long work;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Whether the interpreter is let go of meanwhile, so that several threads do this at once. */
static volatile int lets_go;

/* Works for so many seconds. Two ways to it, so that a mix of two stacks is no third one; they differ, or the compiler would make one
 * function of both. */
static KEPT void first_spin_inner(double seconds) {
  for (double end = now() + seconds; now() < end;) ++work;
}
static KEPT void second_spin_inner(double seconds) {
  for (double end = now() + seconds; now() < end;) work += 2;
}

static KEPT PyObject *first_spin(PyObject *self, PyObject *seconds) {
  (void)self;
  const double count = PyFloat_AsDouble(seconds);
  PyThreadState *const state = lets_go ? PyEval_SaveThread() : NULL;
  first_spin_inner(count);
  if (state != NULL) PyEval_RestoreThread(state);
  ++work;
  Py_RETURN_NONE;
}
static KEPT PyObject *second_spin(PyObject *self, PyObject *seconds) {
  (void)self;
  const double count = PyFloat_AsDouble(seconds);
  PyThreadState *const state = lets_go ? PyEval_SaveThread() : NULL;
  second_spin_inner(count);
  if (state != NULL) PyEval_RestoreThread(state);
  work += 2;
  Py_RETURN_NONE;
}

static KEPT PyObject *first_call_inner(PyObject *function) {
  PyObject *result = PyObject_CallObject(function, NULL);
  ++work;
  return result;
}
static KEPT PyObject *second_call_inner(PyObject *function) {
  PyObject *result = PyObject_CallObject(function, NULL);
  work += 2;
  return result;
}
static KEPT PyObject *first_call(PyObject *self, PyObject *function) {
  (void)self;
  PyObject *result = first_call_inner(function);
  ++work;
  return result;
}
static KEPT PyObject *second_call(PyObject *self, PyObject *function) {
  (void)self;
  PyObject *result = second_call_inner(function);
  work += 2;
  return result;
}

/* A thread of C that the interpreter knows, and that runs no Python. */
static KEPT void *frameless_spin(void *unused) {
  PyGILState_STATE state = PyGILState_Ensure();
  Py_BEGIN_ALLOW_THREADS
  first_spin_inner(3600);
  Py_END_ALLOW_THREADS
  PyGILState_Release(state);
  return unused;
}
static PyObject *start_frameless(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  pthread_t thread;
  if (pthread_create(&thread, NULL, frameless_spin, NULL) != 0) return PyErr_SetFromErrno(PyExc_OSError);
  Py_RETURN_NONE;
}

static PyObject *let_go(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  lets_go = 1;
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"first_spin", first_spin, METH_O, NULL}, {"second_spin", second_spin, METH_O, NULL},
    {"first_call", first_call, METH_O, NULL}, {"second_call", second_call, METH_O, NULL},
    {"let_go", let_go, METH_NOARGS, NULL},    {"start_frameless", start_frameless, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
/* For interpreters with a lock of their own, and those without any. */
static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "nativepath", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_nativepath(void) { return PyModuleDef_Init(&module); }
