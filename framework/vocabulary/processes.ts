/** Whether a process of this machine is there, whoever's it is. Numbers are given out again: one that is there may be another than was meant. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
