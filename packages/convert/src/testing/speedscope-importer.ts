import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import vm from 'node:vm';

const release = join(
  dirname(
    createRequire(new URL('../../../../package.json', import.meta.url)).resolve('speedscope/package.json'),
  ),
  'dist/release',
);

/** What speedscope makes of a file, as far as tests look. */
export interface ImportedProfile {
  getName(): string;
  getTotalWeight(): number;
  getWeightUnit(): string;
  forEachFrame(
    visit: (frame: { name: string; file?: string; line?: number; getSelfWeight(): number }) => void,
  ): void;
}

export interface ImportedGroup {
  readonly name: string;
  readonly indexToView: number;
  readonly profiles: readonly ImportedProfile[];
}

/** What speedscope calls the formats it reads, in the message it logs. */
type Imported = 'speedscope json file' | 'Trace Event Format profile';

/**
 * speedscope's own importer of its JSON, or of another format. The package ships only the built viewer, so the script is run
 * in a context whose DOM answers everything with nothing, and stopped before it draws; the importer is found by the
 * message it logs.
 */
export function speedscopeImporter(of: Imported = 'speedscope json file'): (file: unknown) => ImportedGroup {
  const script = readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name))!;
  const source = readFileSync(join(release, script), 'utf8');
  const importer = new RegExp(`"Importing as ${of}"\\),([\\w$]+)\\(`).exec(source)?.[1];
  const start = source.indexOf('console.log(`speedscope v');
  if (importer === undefined || start < 0) throw new Error('this build of speedscope looks different');

  const nothing: unknown = new Proxy(class {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : nothing),
    apply: () => nothing,
    construct: () => nothing as object,
    set: () => true,
    has: () => true,
  });
  const context = vm.createContext({
    window: nothing,
    self: nothing,
    document: nothing,
    navigator: nothing,
    location: nothing,
    console: { ...console, log: () => {} },
    TextDecoder,
    TextEncoder,
    setTimeout,
  });
  const loaded = 'loaded, not drawn';
  const patched = `${source.slice(0, start)}globalThis.importer=${importer};throw '${loaded}';${source.slice(start)}`;
  try {
    vm.runInContext(patched, context);
  } catch (error) {
    if (error !== loaded) throw error;
  }
  return (context as { importer: (file: unknown) => ImportedGroup }).importer;
}

/** The JSON schema that speedscope publishes. */
export function speedscopeSchema(): JsonSchema {
  return JSON.parse(readFileSync(join(release, 'file-format-schema.json'), 'utf8')) as JsonSchema;
}

export interface JsonSchema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** Where `value` breaks `schema`: the words that speedscope's schema uses, and no others. */
export function schemaErrors(value: unknown, schema: JsonSchema, root = schema, path = '$'): string[] {
  if (schema.$ref !== undefined) {
    return schemaErrors(value, root.definitions![schema.$ref.replace('#/definitions/', '')]!, root, path);
  }
  if (schema.anyOf) {
    const tries = schema.anyOf.map((option) => schemaErrors(value, option, root, path));
    return tries.some((errors) => errors.length === 0) ? [] : tries.flat();
  }
  if ('const' in schema && value !== schema.const) return [`${path} is not ${JSON.stringify(schema.const)}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path} is not one of ${schema.enum.join(', ')}`];
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${path} is no array`];
    return value.flatMap((item, at) => schemaErrors(item, schema.items ?? {}, root, `${path}[${at}]`));
  }
  if (schema.type === 'object') {
    if (typeof value !== 'object' || value === null) return [`${path} is no object`];
    const missing = (schema.required ?? [])
      .filter((key) => !(key in value))
      .map((key) => `${path}.${key} is missing`);
    const inside = Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
      key in value
        ? schemaErrors((value as Record<string, unknown>)[key], property, root, `${path}.${key}`)
        : [],
    );
    return [...missing, ...inside];
  }
  return schema.type !== undefined && typeof value !== schema.type ? [`${path} is no ${schema.type}`] : [];
}
