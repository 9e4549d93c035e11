package io.scopegate.gateway.limit;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.RedisStateMachine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.scopegate.gateway.telemetry.StoreMeters;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Whatever Redis answers, a budget never holds more than its burst. The input is the answer in
 * RESP; its numbers are taken as balances, however absurd.
 */
public final class RedisAnswerFuzz {
  private static final StoreMeters METERS = new Telemetry(null, 1, "fuzz").limitStore();

  private static final Rate RATE = new Rate(1_000, 5_000);

  private RedisAnswerFuzz() {}

  /** One answer. */
  public static void fuzzerTestOneInput(byte[] data) {
    SharedBudgetStore.Answer answer = read(data);
    if (answer == null || answer.balances().isEmpty()) {
      return;
    }
    Account account = new Account(answer);
    SharedBudgetSync exchanges = new SharedBudgetSync(account, Runnable::run, account, METERS);
    Bucket bucket = exchanges.bucket("a", LimitKind.values()[0], RATE);
    for (int i = 0; i < answer.balances().size() + 2; i++) {
      bucket.charge(i % 3);
      account.nanos += SharedBudgetSync.QUIET_NANOS;
      exchanges.tick();
      if (bucket.available() > RATE.burst()) {
        throw new AssertionError(bucket.available() + " left after " + answer);
      }
    }
  }

  /** As the driver reads it; it gives a connection up whose bytes it cannot read. */
  private static SharedBudgetStore.Answer read(byte[] data) {
    ByteBuf bytes = bounded(data);
    if (bytes == null) {
      return null;
    }
    NestedMultiOutput<String, String> output = new NestedMultiOutput<>(StringCodec.UTF8);
    try {
      return new RedisStateMachine().decode(bytes, output) && !output.hasError()
          ? RedisBudgetStore.read(output.get())
          : null;
    } catch (RuntimeException unreadable) {
      return null;
    }
  }

  /** What comes as far as the driver; null when the connection is closed before. */
  private static ByteBuf bounded(byte[] data) {
    EmbeddedChannel channel = new EmbeddedChannel(new RedisAnswerBounds());
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(data));
      return channel.readInbound();
    } catch (TooLongFrameException refused) {
      return null;
    } finally {
      channel.close();
    }
  }

  /** Gives one balance after the other, and is its own clock. */
  private static final class Account implements SharedBudgetStore, LongSupplier {
    private final Answer answer;
    private int next;
    private long nanos;

    Account(Answer answer) {
      this.answer = answer;
    }

    @Override
    public Future<Answer> exchange(List<Entry> entries) {
      List<Long> balances = answer.balances();
      List<Long> said = entries.stream().map(e -> balances.get(next++ % balances.size())).toList();
      return Future.succeededFuture(new Answer(answer.replicas(), said));
    }

    @Override
    public long getAsLong() {
      return nanos;
    }

    @Override
    public String place() {
      return "here";
    }

    @Override
    public void drop() {}

    @Override
    public void close() {}
  }
}
