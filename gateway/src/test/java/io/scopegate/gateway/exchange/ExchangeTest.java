package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.route.Routed;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExchangeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Refusal NO = Refusal.of(Reason.FORBIDDEN, "no");

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Budget budget = new Budget(1 << 20, 10);
  private final LoopContext loop = new LoopContext(channel.eventLoop(), budget);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final ConnectionContext context = TestContexts.http2(telemetry);
  private final RecordingEnd client = new RecordingEnd(loop);
  private final Exchange x = new Exchange(client, context);
  private final RecordingEnd upstream = new RecordingEnd(loop);

  @AfterEach
  void close() {
    x.end(true);
    assertThat(budget.requests()).isZero();
    assertThat(budget.unreadAnswers()).isZero();
    channel.close();
    telemetry.close();
  }

  /** What an admission is told. */
  private static final class Admitted implements Admission {
    int ended;
    @Nullable Refusal says;

    @Override
    public boolean measures() {
      return true;
    }

    @Override
    public @Nullable Refusal received(ByteBuf bytes, boolean end) {
      return says;
    }

    @Override
    public void ended(RequestRecord record) {
      ended++;
    }
  }

  private void forward() {
    client.link(upstream);
    upstream.head(new DefaultHttp2Headers().method("POST").path("/"), false);
  }

  private static Http2Headers ok() {
    return new DefaultHttp2Headers().status("200");
  }

  // ---- refusals

  @Test
  void aRefusalIsAnsweredAndCancelsUpstream() {
    forward();
    x.refuse(NO);
    assertThat(client.calls).first().asString().startsWith("head 403 ");
    assertThat(client.calls).last().isEqualTo("reset 0");
    assertThat(upstream.calls).last().isEqualTo("reset 8");
    assertThat(x.record.refusal).isEqualTo(NO);
    assertThat(x.record.status).isEqualTo(403);
  }

  @Test
  void onlyTheFirstRefusalIsAnswered() {
    x.refuse(NO);
    int calls = client.calls.size();
    x.refuse(Refusal.of(Reason.TOO_SLOW, "late"));
    assertThat(client.calls).hasSize(calls);
    assertThat(x.record.refusal).isEqualTo(NO);
  }

  @Test
  void anAnswerThatHasBegunIsCutOff() {
    forward();
    client.head(ok(), false);
    x.refuse(NO);
    assertThat(client.calls).containsExactly("head 200 false", "reset 2");
  }

  @Test
  void nothingIsLetInAfterTheEnd() {
    x.end(false);
    assertThatThrownBy(() -> x.admitted(new Admitted(), null))
        .isInstanceOf(IllegalStateException.class);
  }

  // ---- budgets

  @Test
  void whoIsAnsweredIsUnderWayNoLonger() {
    List<Exchange> refused = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      refused.add(new Exchange(new RecordingEnd(loop), TestContexts.http2(telemetry)));
    }
    assertThat(budget.crowded()).isTrue();

    refused.forEach(one -> one.refuse(NO));

    assertThat(budget.crowded()).isFalse();
    assertThat(budget.requests()).isEqualTo(1);
    assertThat(budget.unreadAnswers()).isEqualTo(10);
    refused.forEach(one -> one.end(false));
  }

  @Test
  void whatItWasLetThroughWithIsGivenBackWithTheAnswerAndOnce() {
    Admitted listener = new Admitted();
    Admitted tenant = new Admitted();
    x.admitted(listener, null);
    x.admitted(tenant, null);
    x.refuse(NO);
    assertThat(listener.ended).isEqualTo(1);
    assertThat(tenant.ended).isEqualTo(1);
    x.end(false);
    assertThat(tenant.ended).isEqualTo(1);
  }

  @Test
  void aConnectionWithMoreUnreadAnswersThanAreFreeIsClosed() {
    List<RecordingEnd> ends = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      RecordingEnd end = new RecordingEnd(loop);
      ends.add(end);
      new Exchange(end, context).refuse(NO);
    }
    assertThat(ends.get(4).calls).doesNotContain("close connection");
    assertThat(ends.get(5).calls).contains("close connection");
    assertThat(budget.closedConnections()).as("one connection, not each answer").isOne();
    ends.forEach(end -> end.exchange().end(true));

    RecordingEnd other = new RecordingEnd(loop);
    Exchange honest = new Exchange(other, TestContexts.http2(telemetry));
    honest.refuse(NO);
    assertThat(other.calls).doesNotContain("close connection");
    honest.end(false);
  }

  @Test
  void anUnreadAnswerOfOursIsDroppedAfterSeconds() {
    x.refuse(NO);
    x.check(loop.nowNanos() + 9 * SECOND);
    assertThat(client.calls).doesNotContain("abort");
    x.check(loop.nowNanos() + 11 * SECOND);
    assertThat(client.calls).last().isEqualTo("abort");
  }

  @Test
  void aTenantsShareHoldsWhatWaitsForIt() {
    TenantMemoryShare share = new TenantMemoryShare(budget);
    upstream.stalls = true;
    forward();
    client.send("hello", false);
    assertThat(budget.heldBytes()).isEqualTo(5 + HeapShares.PIECE_BYTES);
    x.admitted(new Admitted(), share);
    assertThat(share.bytes()).isEqualTo(5 + HeapShares.PIECE_BYTES);
    upstream.peer.written(5);
    assertThat(share.bytes()).isZero();
  }

  @Test
  void piecesOfABodyCostMoreThanTheirBytesUntilTheyAreWritten() {
    upstream.stalls = true;
    forward();
    for (int i = 0; i < 100; i++) {
      client.send("x", false);
    }
    int one = 1 + HeapShares.PIECE_BYTES;
    assertThat(budget.heldBytes()).isEqualTo(100 * one);

    client.written(1);
    assertThat(budget.heldBytes()).isEqualTo(99 * one);
    client.written(98); // as one
    assertThat(budget.heldBytes()).isGreaterThan(one);
    client.written(1);
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void aTenantWithMoreThanItsShareDoesNotSendABodyInCrumbs() {
    TenantMemoryShare share = new TenantMemoryShare(budget);
    upstream.stalls = true;
    forward();
    x.admitted(new Admitted(), share);
    for (int i = 0; i < 5_000 && client.linked(); i++) {
      client.send("x", false);
    }

    assertThat(client.calls).first().asString().startsWith("head 503 ");
    assertThat(budget.spent()).isFalse();
    assertThat(share.bytes()).isBetween(budget.freeBytes() - 1_000, budget.freeBytes() + 1_000);
  }

  @Test
  void aTenantWithMoreThanItsShareSendsOrdinaryPiecesAsFarAsWasPromised() {
    TenantMemoryShare share = new TenantMemoryShare(budget);
    upstream.stalls = true;
    forward();
    x.admitted(new Admitted(), share);
    for (int i = 0; i < 900; i++) {
      client.send("x".repeat(1_000), false);
    }

    assertThat(client.linked()).isTrue();
    assertThat(share.bytes()).isGreaterThan(budget.freeBytes());
  }

  @Test
  void anEndWithoutBytesIsNoPiece() {
    upstream.stalls = true;
    forward();
    client.send("", true);
    assertThat(budget.heldBytes()).isZero();
  }

  // ---- bodies

  @Test
  void whatMayNotGoOnIsNotHandedOn() {
    Admitted admitted = new Admitted();
    x.admitted(admitted, null);
    forward();
    client.send("one", false);
    admitted.says = Refusal.of(Reason.TOO_LARGE, "too large");
    client.send("two", false);
    assertThat(upstream.calls).containsExactly("head false", "one false", "reset 8");
    assertThat(client.calls).first().asString().startsWith("head 413 ");
    assertThat(x.record.bytesIn).isEqualTo(6);
    assertThat(budget.heldBytes()).isZero();
  }

  // ---- trailers

  @Test
  void noTrailersReachAnUpstreamUnlessRulesSayWhich() {
    forward();
    x.requestTrailers(upstream, new DefaultHttp2Headers().add("x-scope-orgid", "evil"));
    assertThat(upstream.calls).last().isEqualTo(" true");
  }

  @Test
  void trailersGoByTheRulesOfTheirHead() {
    x.routed(refusedRoute(), trailers -> trailers.remove("x-scope-orgid"));
    forward();
    Http2Headers trailers =
        new DefaultHttp2Headers().add("x-scope-orgid", "evil").add("x-sum", "1");
    x.requestTrailers(upstream, trailers.add("content-length", "3"));
    assertThat(upstream.calls).last().isEqualTo("trailers 1");
    assertThat(trailers.get("x-sum")).hasToString("1");
  }

  @Test
  void trailersThatAreAllTakenOutAreTheEndOfTheBody() {
    x.routed(refusedRoute(), trailers -> trailers.remove("x-scope-orgid"));
    forward();
    x.requestTrailers(upstream, new DefaultHttp2Headers().add("x-scope-orgid", "evil"));
    assertThat(upstream.calls).last().isEqualTo(" true");
  }

  private static Routed refusedRoute() {
    return new Routed(Dialect.PROBLEM, null, -1, NO, BodyFormat.OTHER, null);
  }

  // ---- deadlines

  @Test
  void aBodyThatStopsIsRefused() {
    forward();
    x.check(loop.nowNanos() + 16 * SECOND);
    assertThat(x.record.refusal.reason()).isEqualTo(Reason.BODY_TOO_SLOW);
    assertThat(client.calls).first().asString().startsWith("head 408 ");
  }

  @Test
  void theClientsOwnDeadlineIsTheUpstreamsUnlessThatIsShorter() {
    forward();
    x.limit(new Timeouts(0, 0, 60 * SECOND));
    x.deadline(20 * SECOND);
    x.check(x.record.startNanos + 19 * SECOND - 10 * SECOND);
    assertThat(x.record.refusal).isNull();
    x.check(x.record.startNanos + 20 * SECOND);
    assertThat(x.record.refusal.detail()).contains("the client's own deadline");
  }

  @Test
  void theRestOfAnAnsweredRequestIsReadForASecond() {
    x.refuse(NO);
    x.linger();
    x.check(loop.nowNanos() + SECOND / 2);
    assertThat(client.calls).doesNotContain("lingered");
    x.check(loop.nowNanos() + SECOND + 1);
    assertThat(client.calls).last().isEqualTo("lingered");
  }

  @Test
  void anAnswerThatNobodyReadsIsCutOffInsteadOfGettingTrailers() {
    forward();
    x.limit(new Timeouts(0, 5 * SECOND, 0));
    client.send("", true);
    client.stalls = true;
    client.head(ok(), false);
    upstream.send("data", false);
    x.check(loop.nowNanos() + 6 * SECOND);
    assertThat(client.calls).last().isEqualTo("abort");
    assertThat(x.record.refusal.reason()).isEqualTo(Reason.TOO_SLOW);
    upstream.written(4);
  }
}
