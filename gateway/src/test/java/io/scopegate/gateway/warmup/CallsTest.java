package io.scopegate.gateway.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.meter.Measure;
import io.scopegate.gateway.meter.MeterPool;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.warmup.Call.Over;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CallsTest {
  private static Set<Over> ways(Set<Protocol> served, boolean clear, boolean tls) {
    Set<Over> ways = EnumSet.noneOf(Over.class);
    Calls.of(served, "t", clear, tls).forEach(call -> ways.add(call.over()));
    return ways;
  }

  @Test
  void goesEveryWayThatThereIs() {
    assertThat(ways(EnumSet.allOf(Protocol.class), true, true))
        .containsExactlyInAnyOrder(Over.values());
  }

  @Test
  void needsNoTlsWhereThereIsNone() {
    assertThat(ways(EnumSet.allOf(Protocol.class), true, false)).noneMatch(Over::isTls);
  }

  @Test
  void sendsByTlsWhereItIsRequired() {
    assertThat(ways(EnumSet.of(Protocol.OTLP_HTTP), false, true)).containsExactly(Over.HTTP1_TLS);
  }

  @Test
  void sendsNoReadsWhereNoneAreServed() {
    List<Call> calls = Calls.of(EnumSet.of(Protocol.OTLP_GRPC), "t", true, true);

    assertThat(calls).isNotEmpty().allMatch(Call::grpc);
    assertThat(calls).noneMatch(call -> call.head().path().toString().contains("Search"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HEALTH")
  void everyProtocolHasCalls(Protocol protocol) {
    assertThat(Calls.of(EnumSet.of(protocol), "t", true, false)).isNotEmpty();
  }

  @Test
  void theGatewaysOwnHealthHasNone() {
    assertThat(Calls.of(EnumSet.of(Protocol.HEALTH), "t", true, true)).isEmpty();
  }

  @Test
  void bodiesHaveSpansThatAreCounted() {
    MeterPool pool = new MeterPool();
    assertThat(spans(BodyFormat.OTLP_PROTOBUF, Spans.protobuf(), pool)).isEqualTo(Spans.COUNT);
    assertThat(spans(BodyFormat.OTLP_JSON, Spans.json(), pool)).isEqualTo(Spans.COUNT);
    pool.close();
  }

  private static long spans(BodyFormat format, byte[] body, MeterPool pool) {
    Measure measure = new Measure(format, true, Long.MAX_VALUE);
    try (BodyMeter meter = BodyMeter.http(null, body.length, measure, pool)) {
      meter.add(Unpooled.wrappedBuffer(body));
      meter.end();
      assertThat(meter.malformed()).isFalse();
      return meter.spans();
    }
  }
}
