// Imports go one way: cli -> tui, web, convert, sampler; tui, web -> convert -> mojo -> profile. The sampler stands alone.
const mayImport = {
  profile: [],
  mojo: ['profile'],
  convert: ['mojo', 'profile'],
  tui: ['convert', 'mojo', 'profile'],
  web: ['convert', 'mojo', 'profile'],
  sampler: [],
  cli: ['profile', 'mojo', 'convert', 'tui', 'web', 'sampler'],
};

const layers = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `layer-of-${name}`,
  comment: `${name} may import ${allowed.length > 0 ? allowed.join(', ') : 'none of the other packages'}`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}));

const tests = '[.]test[.]ts$';

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'known-package',
      comment: 'a new package needs its line in the table above',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/(${Object.keys(mayImport).join('|')})/` },
      to: {},
    },
    {
      name: 'no-circular',
      comment: 'two files that import each other are one file, or need a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'could-not-resolve',
      comment:
        'an import that cannot be resolved cannot be checked either; binaries are there only once built',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '[.]node$' },
    },
    {
      name: 'runs-in-browsers',
      comment: 'profile, mojo and the pages are loaded by browsers',
      severity: 'error',
      from: {
        path: [
          '^packages/(profile|mojo)/src/',
          '^packages/convert/src/formats/html/page/',
          '^packages/web/src/page/',
        ],
        pathNot: tests,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-from-outside',
      comment: 'a package is published without fixtures, e2e, tools and scripts',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: '^(fixtures|e2e|tools|scripts|bench|examples)/' },
    },
    {
      name: 'no-tests-in-sources',
      comment: 'a test is nobody’s dependency',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    // Generated code is not ours to order.
    exclude: { path: '/generated/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
