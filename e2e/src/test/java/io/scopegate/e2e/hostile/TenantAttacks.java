package io.scopegate.e2e.hostile;

import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.Hpack;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Attacks by HTTP/2 by somebody who has a token, good, forged or of an unknown key. */
final class TenantAttacks {
  private static final String SEARCH = "/api/search";
  private static final String STREAMED_SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String AUTHORIZATION = "authorization";
  private static final String TENANT = "x-scope-orgid";
  private static final int SINGLE_BYTES = 16_000;

  private TenantAttacks() {}

  static List<Attack> all() {
    return List.of(
        Attack.called("HTTP/2 Bomb of a reader: waiting heads of 900 fields each")
            .through(Door.H2)
            .at(Listener.HELD)
            .from(4)
            .times(1_000)
            .sends(TenantAttacks::waitingHead),
        Attack.called("trailers of a field a byte")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(20)
            .times(200)
            .sends(TenantAttacks::trailers),
        Attack.called("CVE-2026-93492: the encoder's table filled with made-up tenants")
            .through(Door.H2)
            .times(40_000)
            .settings(
                Frames.HEADER_TABLE_SIZE, Frames.MOST, Frames.INITIAL_WINDOW_SIZE, Frames.MOST)
            .holdsNothing()
            .sends(TenantAttacks::madeUpTenant),
        Attack.called("CVE-2023-44487, rapid reset: searches")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .sends((scene, number) ->
                Frames.join(search(scene, number), Frames.reset(scene.stream(number)))),
        Attack.called("CVE-2025-55163, MadeYouReset: an increment of 0")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .sends((scene, number) ->
                Frames.join(search(scene, number), Frames.window(scene.stream(number), 0))),
        Attack.called("CVE-2025-55163, MadeYouReset: a window that overflows")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .sends((scene, number) ->
                Frames.join(
                    search(scene, number), Frames.window(scene.stream(number), Frames.MOST))),
        Attack.called("CVE-2025-55163, MadeYouReset: DATA after the end")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .sends((scene, number) ->
                Frames.join(
                    search(scene, number), Frames.data(scene.stream(number), false, (byte) 1))),
        Attack.called("CVE-2025-55163, MadeYouReset: PRIORITY of the wrong length")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .sends((scene, number) ->
                Frames.join(
                    search(scene, number),
                    Frames.frame(Frames.PRIORITY, 0, scene.stream(number), new byte[3]))),
        Attack.called("CVE-2025-55163, MadeYouReset: searches that nobody answers")
            .through(Door.H2)
            .at(Listener.HELD)
            .from(10)
            .times(5_000)
            .sends((scene, number) ->
                Frames.join(search(scene, number), Frames.window(scene.stream(number), 0))),
        Attack.called("CVE-2026-50560: SETTINGS_MAX_HEADER_LIST_SIZE that no result fits in")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(20_000)
            .settings(Frames.MAX_HEADER_LIST_SIZE, 1)
            .sends(TenantAttacks::search),
        Attack.called("CVE-2019-9518: empty DATA without end")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(4)
            .times(100_000)
            .sends(TenantAttacks::emptyData),
        Attack.called("bodies in single bytes to a server that does not read them")
            .through(Door.H2)
            .at(Listener.HELD)
            .from(4)
            .times(50)
            .sends(TenantAttacks::singleBytes),
        Attack.called("echo that nobody answers, by somebody without a right")
            .through(Door.H2)
            .at(Listener.HELD)
            .from(25)
            .times(1_000)
            .sends((scene, number) ->
                request(scene, number, "/api/echo", scene.target().around().unentitledToken())),
        Attack.called("echo as fast as it is answered, by somebody without a right")
            .through(Door.H2)
            .at(Listener.QUICK)
            .from(8)
            .times(20_000)
            .sends((scene, number) ->
                request(scene, number, "/api/echo", scene.target().around().unentitledToken())),
        Attack.called("forged ES256 tokens")
            .through(Set.of(Door.H2_CLEAR))
            .from(12)
            .times(100_000)
            .every(Duration.ofMillis(2))
            .sends((scene, number) -> forged(scene, number)),
        Attack.called("tokens of unknown keys, while the keys are fetched")
            .through(Door.H2)
            .from(25)
            .times(1_000)
            .sends(TenantAttacks::unknownKey));
  }

  private static byte[] search(Attack.Scene scene, int number) {
    return request(scene, number, SEARCH, scene.target().around().hostileToken());
  }

  /** The second and later name the token by its place in the table. */
  private static byte[] request(Attack.Scene scene, int number, String path, String token) {
    Hpack block = Hpack.get(path);
    if (number == 0) {
      block.remembered(TENANT, Surroundings.HOSTILE).remembered(AUTHORIZATION, "Bearer " + token);
    } else {
      block.indexed(Hpack.NEWEST).indexed(Hpack.NEWEST + 1);
    }
    return Frames.request(scene.stream(number), block);
  }

  private static byte[] waitingHead(Attack.Scene scene, int number) {
    Hpack block = Hpack.get(SEARCH);
    if (number == 0) {
      block
          .remembered("a", "b")
          .remembered(TENANT, Surroundings.HOSTILE)
          .remembered(AUTHORIZATION, "Bearer " + scene.target().around().hostileToken());
    } else {
      block.indexed(Hpack.NEWEST).indexed(Hpack.NEWEST + 1).indexed(Hpack.NEWEST + 2, 900);
    }
    return Frames.request(scene.stream(number), block);
  }

  private static byte[] trailers(Attack.Scene scene, int number) {
    Hpack head =
        Hpack.post("/v1/traces")
            .field("content-type", "application/x-protobuf")
            .field(TENANT, Surroundings.HOSTILE)
            .field(AUTHORIZATION, "Bearer " + scene.target().around().hostileToken());
    int stream = scene.stream(number);
    return Frames.join(
        Frames.begin(stream, head),
        Frames.data(stream, false, (byte) 1),
        Frames.request(stream, new Hpack().remembered("a", "").indexed(Hpack.NEWEST, 900)));
  }

  /** The answer names the tenant, and each is another. */
  private static byte[] madeUpTenant(Attack.Scene scene, int number) {
    Hpack block = Hpack.post(STREAMED_SEARCH);
    if (number == 0) {
      block
          .remembered("content-type", "application/grpc")
          .remembered(AUTHORIZATION, "Bearer " + scene.target().around().hostileToken());
    } else {
      block.indexed(Hpack.NEWEST).indexed(Hpack.NEWEST + 1);
    }
    block.field(TENANT, "%08d".formatted(number) + "/".repeat(56));
    return Frames.request(scene.stream(number), block);
  }

  private static byte[] emptyData(Attack.Scene scene, int number) {
    if (number > 0) {
      return Frames.data(scene.firstStream(), false);
    }
    return Frames.begin(
        scene.firstStream(),
        Hpack.post("/v1/traces")
            .field("content-type", "application/x-protobuf")
            .field(TENANT, Surroundings.HOSTILE)
            .field(AUTHORIZATION, "Bearer " + scene.target().around().hostileToken()));
  }

  /** As many as fit into what may be sent ahead, and are objects of some hundred bytes each. */
  private static byte[] singleBytes(Attack.Scene scene, int number) {
    int stream = scene.stream(number);
    Hpack head =
        Hpack.post(STREAMED_SEARCH)
            .field("content-type", "application/grpc")
            .field(TENANT, Surroundings.HOSTILE)
            .field(AUTHORIZATION, "Bearer " + scene.target().around().hostileToken());
    byte[] one = Frames.data(stream, false, (byte) 0);
    ByteBuffer bytes = ByteBuffer.allocate(SINGLE_BYTES * one.length);
    while (bytes.hasRemaining()) {
      bytes.put(one);
    }
    return Frames.join(Frames.begin(stream, head), bytes.array());
  }

  private static byte[] forged(Attack.Scene scene, int number) {
    return anonymous(scene, number, scene.target().around().keys().forged("reader"));
  }

  private static byte[] unknownKey(Attack.Scene scene, int number) {
    return anonymous(scene, number, scene.target().around().slowKeys().ofUnknownKey("reader"));
  }

  private static byte[] anonymous(Attack.Scene scene, int number, String token) {
    Hpack block =
        Hpack.get(SEARCH)
            .field(TENANT, Surroundings.HONEST)
            .field(AUTHORIZATION, "Bearer " + token);
    return Frames.request(scene.stream(number), block);
  }
}
