import { expect } from 'chai';
import { TAG_KINDS, type TagKind, tagText } from '../../domain/item.ts';

describe('What a tag says', () => {
  const cases: readonly { kind: TagKind; said: string; text: string | undefined }[] = [
    { kind: 'nfc', said: '04:a2:b3:c4:d5:e6:f7', text: '04A2B3C4D5E6F7' },
    { kind: 'rfid', said: 'e200 3412-0123', text: 'E20034120123' },
    { kind: 'rfid', said: 'F'.repeat(128), text: 'F'.repeat(128) },
    { kind: 'rfid', said: 'F'.repeat(130), text: undefined },
    { kind: 'nfc', said: '04A', text: undefined },
    { kind: 'nfc', said: '04AG', text: undefined },
    { kind: 'nfc', said: ' - ', text: undefined },
    { kind: 'barcode', said: ' 59-01 23 ', text: '59-01 23' },
    { kind: 'qr', said: 'https://example.org/Ż', text: 'https://example.org/Ż' },
    { kind: 'qr', said: 'x'.repeat(256), text: 'x'.repeat(256) },
    { kind: 'qr', said: 'x'.repeat(257), text: undefined },
    { kind: 'barcode', said: 'a\tb', text: undefined },
    { kind: 'barcode', said: '   ', text: undefined },
  ];

  for (const { kind, said, text } of cases) {
    it(`is ${text === undefined ? 'nothing' : 'in one form'} for ${kind} ${JSON.stringify(said.slice(0, 30))}`, () => {
      expect(tagText(kind, said)).to.equal(text);
    });
  }

  it('stays as it is in its one form', () => {
    for (const kind of TAG_KINDS) {
      const text = tagText(kind, 'aa bb');
      expect(tagText(kind, text ?? ''), kind).to.equal(text);
    }
  });
});
