import type { CabinetSetting } from '../site.ts';
import { type CabinetState, isTaken } from './state.ts';

/**
 * Why a cabinet cannot be given another configuration as it stands: people would lose what lies inside. The
 * field is that of the cabinet in the site file. Undefined where nothing stands in the way.
 */
export function configurationObstacle(
  state: CabinetState,
  setting: CabinetSetting,
): { readonly field: string; readonly reason: string } | undefined {
  const held = state.compartments.filter(isTaken);
  const numbers = held.map((compartment) => compartment.number).join(', ');
  if (held.length > 0 && state.setting.schema !== setting.schema) {
    return {
      field: 'schema',
      reason: `cannot change from ${state.setting.schema} to ${setting.schema} while compartments ${numbers} are taken; release them first`,
    };
  }
  if (state.loans.length > 0 && state.setting.schema !== setting.schema) {
    return {
      field: 'schema',
      reason: `cannot change from ${state.setting.schema} to ${setting.schema} while ${state.loans.length} of its items are lent; have them returned first`,
    };
  }
  const kept = new Set(setting.compartments.map((compartment) => compartment.number));
  const lost = held.filter((compartment) => !kept.has(compartment.number));
  if (lost.length > 0) {
    return {
      field: 'compartments',
      reason: `leaves out compartment ${lost[0]?.number}, which is taken; release it first`,
    };
  }
  return undefined;
}
