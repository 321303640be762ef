// Parses each diagram of a JSON list on stdin with the real Mermaid; prints what it thinks is wrong, as JSON.
import mermaid from "mermaid";

let text = "";
for await (const part of process.stdin) text += part;
const faults = [];
for (const diagram of JSON.parse(text)) {
  try {
    await mermaid.parse(diagram);
  } catch (error) {
    faults.push({ diagram, message: String(error.message) });
  }
}
process.stdout.write(JSON.stringify(faults), () => process.exit(0));
