package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.telemetry.Telemetry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CreditOnWriteTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext ctx = channel.pipeline().firstContext();
  private final Budget budget = new Budget(1 << 20, 10);
  private final LoopContext loop = new LoopContext(channel.eventLoop(), budget);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final ConnectionContext context = TestContexts.http2(telemetry);
  private final RecordingEnd client = new RecordingEnd(loop);
  private final Exchange x = new Exchange(client, context);

  @AfterEach
  void close() {
    x.end(true);
    channel.close();
    telemetry.close();
  }

  @Test
  void bytesOfTheOtherEndAreCreditedToIt() {
    RecordingEnd upstream = new RecordingEnd(loop);
    CreditOnWrite write = new CreditOnWrite(ctx, client, upstream, 5);
    assertThat(upstream.credit).isZero();

    write.setSuccess();

    assertThat(upstream.credit).isEqualTo(5);
    budget.hold(5); // which the other end would have done
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void aWriteThatFailsGivesTheCreditBackAsWell() {
    RecordingEnd upstream = new RecordingEnd(loop);
    new CreditOnWrite(ctx, client, upstream, 5).setFailure(new IllegalStateException("closed"));
    assertThat(upstream.credit).isEqualTo(5);
  }

  @Test
  void bytesOfTheGatewaysOwnAreUnreadUntilTheyAreWritten() {
    CreditOnWrite write = new CreditOnWrite(ctx, client, null, 7);
    assertThat(budget.heldBytes()).isEqualTo(7);
    assertThat(budget.unreadBytes()).isEqualTo(7);
    assertThat(context.unread().bytes()).isEqualTo(7);

    write.setSuccess();

    assertThat(budget.heldBytes()).isZero();
    assertThat(budget.unreadBytes()).isZero();
    assertThat(context.unread().bytes()).isZero();
    assertThat(client.credit).isZero();
  }

  @Test
  void nothingIsCountedForNoBytes() {
    RecordingEnd upstream = new RecordingEnd(loop);
    new CreditOnWrite(ctx, client, upstream, 0).setSuccess();
    new CreditOnWrite(ctx, client, null, 0).setSuccess();
    assertThat(upstream.credit).isZero();
    assertThat(budget.heldBytes()).isZero();
  }
}
