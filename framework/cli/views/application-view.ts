import type { SettledApplication } from '../../engines/emr-application.ts'
import type { Style } from '../terminal/style.ts'

/** Each setting that differs, then what was done about it or has to be. */
export function applicationLines({ application, name, state, differences, deed, applied }: SettledApplication, { style }: { readonly style: Style }): string[] {
  return [...differences.map(({ setting, is, wanted }) => `${style.yellow('~')} ${style.bold(setting)}  ${is} -> ${wanted}`), ...(differences.length === 0 ? [] : ['']), ending()]

  function ending(): string {
    const which = application === undefined ? `The application ${name}` : `The application ${name} (${application})`
    switch (deed) {
      case 'none': return `${which} is as it must be${state === undefined ? '' : `, and ${state}`}.`
      case 'create': return applied ? `${which} was made. Put its id into what emrServerless.application reads.` : `${which} is not there: --apply makes it.`
      case 'update': return applied ? `${which} was changed, and is ${state ?? 'there'}.` : `${which} differs: --apply changes it, once no job runs on it.`
    }
  }
}
