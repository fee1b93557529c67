/** The settings of LibreOffice's profile: whatever a document might have it do but be shown is off. */

const OFF: [path: string, name: string, value: string][] = [
  ['Common/Security/Scripting', 'DisableMacrosExecution', 'true'],
  ['Common/Security/Scripting', 'MacroSecurityLevel', '3'],
  ['Common/Security/Scripting', 'DisableActiveContent', 'true'],
  ['Common/Security/Scripting', 'BlockUntrustedRefererLinks', 'true'],
  ['Common/Security/Scripting', 'DisableOLEAutomation', 'true'],
  ['Writer/Content/Update', 'Link', '0'],
  ['Writer/Content/Update', 'Field', 'false'],
  ['Calc/Content/Update', 'Link', '1'],
  ['Common/Save/Document', 'AutoSave', 'false'],
  ['Common/Misc', 'UseOpenCL', 'false'],
  ['Common/Misc', 'FirstRun', 'false']
]

const item = ([path, name, value]: (typeof OFF)[number]): string =>
  `<item oor:path="/org.openoffice.Office.${path}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`

/** registrymodifications.xcu */
export const PROFILE = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${OFF.map(item).join('\n')}
</oor:items>
`
