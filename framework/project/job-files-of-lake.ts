import { sharedFiles, type JobFiles } from '../engines/job-files.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { dirname } from 'node:path'

/** How this machine and jobs elsewhere tell each other of files: by the lake's own addresses where it is elsewhere too. */
export function jobFilesOf(lakeFolder: string): JobFiles {
  const mirror = mirrorOf(lakeFolder)
  if (!mirror) return sharedFiles
  return {
    address: path => mirror.placeOf(path),
    pathOf: address => mirror.pathOf(address),
    read: path => mirror.read(path),
    replace: (path, text) => mirror.replace(path, text),
    remove: path => mirror.remove([path]),
    bring: paths => mirror.bring(paths),
    areThere: async paths => (await mirror.sizes(paths)).every(size => size !== undefined),
    async handOver(paths) {
      for (const path of paths) mirror.wrote(path)
      for (const folder of new Set(paths.map(path => dirname(path)))) await mirror.settle(folder)
    },
  }
}
