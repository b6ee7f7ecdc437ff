const MOST = 5000;

/** The files that were dropped, those in folders too. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // entries have to be taken before the event is over
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files];
  const files: File[] = [];
  const waiting = [...entries];
  for (let entry = waiting.pop(); entry && files.length < MOST; entry = waiting.pop()) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isFile) files.push(await fileOf(entry as FileSystemFileEntry));
    else if (entry.isDirectory) waiting.push(...(await entriesOf(entry as FileSystemDirectoryEntry)));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // a browser gives a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0 || all.length > MOST) return all;
    all.push(...some);
  }
}
