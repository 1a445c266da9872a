// Folders that are dropped while Learn is open: of pictures, they are classes to learn from, or bags.
import { pictureFolders } from '../learn/picture-folders.ts';
import { pathedFilesOf } from '../runs-panel/dropped.ts';
import type { Workbench } from '../workbench.ts';

/** @returns false where they hold no pictures in sub-folders: then they are meant otherwise */
export async function takeFolders({ learn }: Workbench, folders: readonly FileSystemEntry[]): Promise<boolean> {
  const files = await pathedFilesOf(folders);
  const isModel = files.some(({ file }) => /\.onnx$/i.test(file.name));
  if (isModel || pictureFolders(files).folders.filter(({ parent }) => parent !== '').length < 2) return false;
  const session = await learn.session();
  const { part } = session.store.getState();
  if (part === 'objects') return false;
  await (part === 'slides' ? session.slides.addFolders(files) : session.takePictures(files));
  return true;
}
