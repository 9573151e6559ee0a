// Runs the built command line for `npm start -- ...`, in this process: signals, the exit code and the three
// standard streams are then the command's own.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const cli = join(import.meta.dirname, '../packages/cli/dist/cli.js');
// npm changes to the package's root; file names on the command line are relative to where the user is.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
process.argv[1] = cli;
await import(pathToFileURL(cli).href);
