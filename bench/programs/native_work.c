/* Python calls `outer`, which calls Python back, which calls `burn`: functions that are known by name on every stack. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define KEPT __attribute__((noinline, noclone))

static volatile unsigned long sink;

static KEPT unsigned long churn(long steps) {
  unsigned long value = 88172645463325252UL;
  for (long i = 0; i < steps; i++) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return value;
}

static KEPT PyObject *burn(PyObject *self, PyObject *steps) {
  (void)self;
  sink += churn(PyLong_AsLong(steps));
  Py_RETURN_NONE;
}

static KEPT PyObject *outer(PyObject *self, PyObject *callback) {
  (void)self;
  PyObject *result = PyObject_CallObject(callback, NULL);
  ++sink;
  return result;
}

static PyMethodDef methods[] = {
    {"outer", outer, METH_O, NULL},
    {"burn", burn, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native_work", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_native_work(void) { return PyModule_Create(&module); }
