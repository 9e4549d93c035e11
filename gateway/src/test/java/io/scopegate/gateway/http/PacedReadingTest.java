package io.scopegate.gateway.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.LoopContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacedReadingTest {
  private static final int MIB = 1 << 20;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Budget budget = new Budget(8 * MIB, 100);
  private final LoopContext loop = new LoopContext(channel.eventLoop(), budget);
  private final ConnectionStanding standing = new ConnectionStanding(() -> {});
  private final PacedReading pacing =
      new PacedReading(
          loop,
          new ClientInfo(
              "query",
              "192.0.2.1:5",
              1,
              AsciiString.of("192.0.2.1"),
              false,
              ConnectionIdentity.NONE,
              standing));
  private final StringBuilder decoded = new StringBuilder();
  private Runnable whenDecoded = () -> {};
  private int reads;

  PacedReadingTest() {
    channel.pipeline().addLast(pacing, new Codec());
  }

  private final class Codec extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext c, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      reads++;
      decoded.append(bytes.toString(US_ASCII));
      bytes.release();
      whenDecoded.run();
    }
  }

  @AfterEach
  void nothingIsHeld() {
    channel.finishAndReleaseAll();
    assertThat(budget.delayedBytes()).isZero();
    assertThat(budget.heldBytes()).isZero();
  }

  /** Not by the head of the pipeline, with which an embedded channel also runs what is pending. */
  private void comes(String text) {
    channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(text, US_ASCII));
    pacing.channelReadComplete(channel.pipeline().context(pacing));
  }

  private void turnsPass() {
    while (pacing.waitingBytes() > 0) {
      channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
      channel.runPendingTasks();
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void aClientThatWasLetInIsReadAtOnce() {
    standing.letIn();
    comes("a".repeat(100_000));
    assertThat(reads).isEqualTo(1);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void theFirstHeadOfANewClientIsReadAtOnce() {
    comes("a".repeat(1_500));
    assertThat(decoded).hasSize(1_500);
  }

  @Test
  void muchOfANewClientWaitsForItsTurnAndNoMoreIsReadMeanwhile() {
    comes("a".repeat(4_000));
    assertThat(reads).isZero();
    assertThat(budget.delayedBytes()).isEqualTo(4_000);
    assertThat(budget.heldBytes()).isEqualTo(4_000);
    for (int i = 0; i < 6; i++) {
      comes("b".repeat(2_048));
      assertThat(channel.config().isAutoRead()).isTrue();
    }
    comes("b".repeat(2_048));
    assertThat(channel.config().isAutoRead()).as("eight reads wait").isFalse();
    turnsPass();
    assertThat(decoded).hasSize(4_000 + 7 * 2_048);
    assertThat(reads).as("pieces").isGreaterThan(1);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void theKernelIsNotToldOfWhatIsTakenInTheSamePass() {
    comes("a".repeat(4_000));
    assertThat(channel.config().isAutoRead()).isTrue();
    turnsPass();
    assertThat(decoded).hasSize(4_000);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void twoReadsWaitWhereTheyAreSmall() {
    comes("a".repeat(4_000));
    comes("b");
    assertThat(channel.config().isAutoRead()).isFalse();
    turnsPass();
    assertThat(decoded).hasSize(4_001);
  }

  /** What is read at once from a client that was let in is as much as eight times that. */
  @Test
  void twoReadsOfAClientThatWasLetInMayWait() {
    standing.letIn();
    standing.refused("acme", System.nanoTime());
    comes("a");
    assertThat(channel.config().isAutoRead()).isTrue();
    comes("b");
    assertThat(channel.config().isAutoRead()).isFalse();
    turnsPass();
    assertThat(decoded).hasSize(2);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void noMoreIsReadWhileACodecTakesNothing() {
    comes("a".repeat(4_000));
    PacedReading.want(channel, pacing, false);
    assertThat(channel.config().isAutoRead()).isFalse();
    PacedReading.want(channel, pacing, true);
    turnsPass();
    assertThat(decoded).hasSize(4_000);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void piecesEndWhereTheCodecSays() {
    List<Integer> sizes = new ArrayList<>();
    pacing.cutBy((bytes, most) -> most - 24);
    whenDecoded = () -> sizes.add(decoded.length());
    comes("a".repeat(4_000));
    turnsPass();
    assertThat(sizes).startsWith(1_000).endsWith(4_000);
  }

  @Test
  void aClientThatWasRefusedWaitsForItsTurn() {
    standing.letIn();
    standing.refused("payments", loop.nowNanos());
    comes("abc");
    comes("def");
    assertThat(reads).isZero();
    turnsPass();
    assertThat(decoded).hasToString("abcdef");
  }

  @Test
  void whatACodecDoesNotTakeWaitsUntilItDoes() {
    whenDecoded = () -> PacedReading.want(channel, pacing, false);
    comes("a".repeat(4_000));
    channel.runPendingTasks();
    channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(decoded).hasSize(1_024);
    assertThat(channel.config().isAutoRead()).isFalse();
    whenDecoded = () -> {};
    PacedReading.want(channel, pacing, true);
    turnsPass();
    assertThat(decoded).hasSize(4_000);
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aCodecThatStopsAndGoesOnKeepsOnePlace() {
    whenDecoded =
        () -> {
          PacedReading.want(channel, pacing, false);
          PacedReading.want(channel, pacing, true);
        };
    comes("a".repeat(4_000) + "b");
    turnsPass();
    assertThat(decoded.toString()).isEqualTo("a".repeat(4_000) + "b");
  }

  @Test
  void beyondAnEighthOfTheMemoryNothingWaits() {
    standing.letIn();
    standing.refused("payments", loop.nowNanos());
    comes("a".repeat(MIB));
    assertThat(reads).isZero();
    comes("b");
    assertThat(decoded).hasSize(MIB + 1).endsWith("ab");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void whatWaitsIsDroppedWithTheConnection() {
    comes("a".repeat(4_000));
    channel.pipeline().fireChannelInactive();
    channel.runPendingTasks();
    channel.runScheduledPendingTasks();
    assertThat(reads).isZero();
  }
}
