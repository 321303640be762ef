// Asks postgrest-js's types whether select lists fit their schemas.
// stdin: a list of {"database": "TypeScript of the type Database", "queries": [{"table": …, "select": …}]}.
// stdout: for each schema a list of the types that the results have.
const ts = require("typescript");
const fs = require("fs");
const path = require("path");

const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias;
const folder = fs.mkdtempSync(path.join(__dirname, "asked-"));
const schemas = JSON.parse(fs.readFileSync(0, "utf8"));
const files = schemas.map(({ database, queries }, number) => {
  const lines = ["import { PostgrestClient } from '@supabase/postgrest-js';", database, "declare const c: PostgrestClient<Database>;"];
  queries.forEach(({ table, select }, i) => {
    lines.push(`const q${i} = c.from(${JSON.stringify(table)}).select(${JSON.stringify(select)});`);
    lines.push(`export type T${i} = Awaited<typeof q${i}> extends { data: infer D } ? D : never;`);
  });
  const file = path.join(folder, `asked${number}.ts`);
  fs.writeFileSync(file, lines.join("\n"));
  return file;
});
const program = ts.createProgram(files, {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();
const answers = files.map((file) => {
  const found = [];
  ts.forEachChild(program.getSourceFile(file), (node) => {
    if (ts.isTypeAliasDeclaration(node) && /^T\d+$/.test(node.name.text)) {
      const type = checker.getTypeAtLocation(node);
      found[Number(node.name.text.slice(1))] = checker.typeToString(type, node, FLAGS);
    }
  });
  return found;
});
fs.rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(answers));
