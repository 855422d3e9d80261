import type { RegisteredSource } from '#framework'
import { ExportFolder } from './export-folder.ts'

/** Tables of config/lineage.yaml are read from the folder of exports, whatever their system. */
export const registered: RegisteredSource = {
  files: ({ files }, service) => service(ExportFolder).files(files),
}
