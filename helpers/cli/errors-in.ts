import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../base/paths.ts';

/** Returns the errors of the compiler in some files, which have the given text instead of that on the disk. Everything else is read from the disk. */
export function errorsIn(files: Readonly<Record<string, string>>): string[] {
  const written = new Map(Object.entries(files).map(([file, text]) => [join(root, file), text]));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const host = ts.createCompilerHost(options);
  host.fileExists = (file) => written.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => written.get(file) ?? ts.sys.readFile(file);
  const program = ts.createProgram([...written.keys()], options, host);
  return [...written.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}
