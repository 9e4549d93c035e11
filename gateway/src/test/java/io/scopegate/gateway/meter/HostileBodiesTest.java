package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.testkit.body.Bodies;
import io.scopegate.testkit.body.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What must hold for any body, however it is split; sound ones are counted exactly. {@code
 * MeterEnduranceIT} does the same a hundred times as often.
 */
class HostileBodiesTest {
  private static final int INPUTS = 30_000;
  private static final long SEED = 20_261_124;

  private final MeterPool pool = new MeterPool();

  @Test
  void countTheSameHoweverTheyAreSplit() {
    Bodies bodies = new Bodies(SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    int sound = 0;
    for (int i = 0; i < INPUTS; i++) {
      Body body = bodies.next();
      long bound = i % 4 == 0 ? random.nextInt(200) : Long.MAX_VALUE;
      Counted whole = count(body, bound, List.of(body.bytes().length));
      Counted split = count(body, bound, cuts(body.bytes().length, random));

      if (!split.equals(whole) || !isRight(body, bound, whole)) {
        fail(
            "body %s of seed %s: %s with bound %s: %s, split %s",
            i, SEED, body, bound, whole, split);
      }
      sound += body.sound() ? 1 : 0;
    }
    assertThat(sound).isGreaterThan(INPUTS / 5);
    pool.close();
  }

  private static boolean isRight(Body body, long bound, Counted counted) {
    if (bound < Long.MAX_VALUE) {
      return counted.malformed() || counted.decoded() <= most(body, bound);
    }
    return !body.sound()
        || counted.equals(
            new Counted(body.decoded(), body.bytes().length, body.spans(), false, false, false));
  }

  /** Over gRPC the bound is one of each message, and a message has five bytes more. */
  private static long most(Body body, long bound) {
    return body.grpc() ? (body.bytes().length / 5 + 1) * (bound + 1) : bound + 1;
  }

  private static List<Integer> cuts(int length, SplittableRandom random) {
    List<Integer> cuts = new ArrayList<>();
    int most = 1 + random.nextInt(20);
    for (int at = 0; at < length; ) {
      at = Math.min(length, at + random.nextInt(most + 1));
      cuts.add(at);
    }
    return cuts;
  }

  /** Each piece ends where its buffer ends, so that reading on would fail. */
  private Counted count(Body body, long bound, List<Integer> cuts) {
    Measure measure = new Measure(BodyFormat.valueOf(body.format().name()), true, bound);
    try (BodyMeter meter =
        body.grpc()
            ? BodyMeter.grpc(body.encoding(), measure, pool)
            : BodyMeter.http(body.encoding(), -1, measure, pool)) {
      int from = 0;
      for (int to : cuts) {
        ByteBuf piece = Unpooled.wrappedBuffer(body.bytes(), from, to - from);
        meter.add(piece);
        from = to;
      }
      meter.end();
      return new Counted(
          meter.decodedBytes(),
          meter.wireBytes(),
          meter.spans(),
          meter.exceeded(),
          meter.malformed(),
          meter.opaque());
    }
  }

  private record Counted(
      long decoded, long wire, long spans, boolean exceeded, boolean malformed, boolean opaque) {}
}
