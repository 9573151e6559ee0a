import { describe, expect, it } from 'vitest';
import { cythonName, isCythonWrapper } from './cython-names.js';

describe('cythonName', () => {
  it.each([
    [
      '__pyx_gb_8bytecode_8concrete_16ConcreteBytecode_4generator',
      'bytecode.concrete.ConcreteBytecode.generator',
    ],
    ['__pyx_fuse_0__pyx_pw_11test_cython_13fused_func', 'test_cython.fused_func'],
    ['__pyx_pw_11test_cython_15__pyx_fuse_1fused_func', 'test_cython.fused_func'],
    ['__pyx_pf_11test_cython_2f', 'test_cython.f'],
    ['__pyx_pf_11test_cython_first', 'test_cython.first'],
    ['__pyx_pf_3mod_5Class___init__', 'mod.Class.__init__'],
    ['__pyx_pf_3mod_5Class_4__eq__', 'mod.Class.__eq__'],
    ['__pyx_f_5numpy_PyArray_MultiIterNew1', 'numpy.PyArray_MultiIterNew1'],
    ['__pyx_f_4pkg1_3mod_5Class__private', 'pkg1.mod.Class._private'],
    ['__pyx_pw_3mod_1__init__', 'mod.__init__'],
    ['__pyx_tp_new_X', undefined],
    ['__pyx_pymod_exec_mod', undefined],
    ['__pyx_pw_', undefined],
    ['__pyx_pw_99999999999999999999999_x', undefined],
    ['PyObject_Call', undefined],
    ['', undefined],
  ])('%s: %s', (symbol, name) => expect(cythonName(symbol)).toBe(name));

  it.each(['pw', 'pf'])('%s: takes no time that grows faster than the name', (kind) => {
    const symbol = `__pyx_${kind}_${'1a_'.repeat(20_000)}`;
    expect(cythonName(symbol)?.length).toBeGreaterThan(20_000);
  });
});

describe('isCythonWrapper', () => {
  it.each([
    ['__pyx_pw_11test_cython_13fused_func', true],
    ['__pyx_fuse_0__pyx_pw_11test_cython_13fused_func', true],
    ['__pyx_pf_11test_cython_12fused_func', false],
    ['__pyx_tp_new_X', false],
  ])('%s: %s', (symbol, isWrapper) => expect(isCythonWrapper(symbol)).toBe(isWrapper));
});
