package io.scopegate.gateway.forward;

import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.LoopContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Connections that stand or fail when a test says so, by a clock of the test's. */
final class FakeConnector implements Connector {
  final List<Attempt> attempts = new ArrayList<>();
  long nanoTime = 1;
  int reports;

  private final LoopContext loop;
  private final UpstreamConfig config =
      UpstreamConfig.of(new UpstreamUrl(false, "tempo", 3200), UpstreamConfig.Protocol.AUTO);

  FakeConnector(LoopContext loop) {
    this.loop = loop;
  }

  /** One connection that is asked for. */
  record Attempt(
      EmbeddedChannel channel,
      Consumer<ChannelPipeline> speak,
      Runnable connected,
      Consumer<Throwable> failed) {

    EmbeddedChannel succeed() {
      speak.accept(channel.pipeline());
      connected.run();
      return channel;
    }

    void fail() {
      failed.accept(new IOException("refused"));
    }
  }

  @Override
  public String name() {
    return "query";
  }

  @Override
  public LoopContext worker() {
    return loop;
  }

  @Override
  public UpstreamConfig config() {
    return config;
  }

  @Override
  public long nanoTime() {
    return nanoTime;
  }

  @Override
  public void connect(
      Consumer<ChannelPipeline> speak, Runnable connected, Consumer<Throwable> failed) {
    attempts.add(new Attempt(new EmbeddedChannel(), speak, connected, failed));
  }

  @Override
  public void within(BooleanSupplier happened, Runnable callOff) {}

  @Override
  public void report(Throwable cause) {
    reports++;
  }
}
