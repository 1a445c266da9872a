// Pictures by the folder they lie in: a folder is a class, or a bag of the class that its own folder names.

/** A file, and its way from what was picked or dropped: 'crc5/healthy/1.png'. */
export interface PathedFile {
  readonly file: File;
  readonly path: string;
}

export interface PictureFolder {
  readonly name: string;
  readonly parent: string; //           the name of the folder it lies in; '' for one that lies in none
  readonly files: readonly File[]; //   by name
}

const PICTURE = /\.(png|jpe?g|tiff?|webp|bmp)$/i;
const MOST_PICTURES = 20_000;

/** As a folder's dialog hands them over. */
export const pathed = (files: readonly File[]): PathedFile[] =>
  files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/**
 * Folders that hold pictures themselves, by their way; hidden files and folders are left out.
 * @returns and how many files are no pictures, or too many
 */
export function pictureFolders(files: readonly PathedFile[]): {
  readonly folders: readonly PictureFolder[];
  readonly refused: number;
} {
  const byFolder = new Map<string, PathedFile[]>();
  let taken = 0;
  for (const { file, path } of files) {
    const parts = path.split('/').filter((part) => part !== '');
    if (!PICTURE.test(path) || parts.some((part) => part.startsWith('.')) || taken === MOST_PICTURES) continue;
    taken++;
    const folder = parts.slice(0, -1).join('/');
    const known = byFolder.get(folder);
    if (known) known.push({ file, path });
    else byFolder.set(folder, [{ file, path }]);
  }
  const folders = [...byFolder]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([way, found]): PictureFolder => {
      const parts = way.split('/');
      const sorted = found.sort((a, b) => a.path.localeCompare(b.path));
      return { name: parts.at(-1) ?? '', parent: parts.at(-2) ?? '', files: sorted.map(({ file }) => file) };
    });
  return { folders, refused: files.length - taken };
}
