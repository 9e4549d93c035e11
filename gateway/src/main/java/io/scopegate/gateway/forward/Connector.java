package io.scopegate.gateway.forward;

import io.netty.channel.ChannelPipeline;
import io.scopegate.gateway.exchange.LoopContext;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Makes the connections of one event loop to one upstream; all calls on that event loop. */
interface Connector {
  /** The upstream's name in the configuration. */
  String name();

  /** The event loop's own things. */
  LoopContext worker();

  /** How the upstream is configured. */
  UpstreamConfig config();

  /** The time for back-offs, in nanoseconds, as {@link System#nanoTime()}. */
  long nanoTime();

  /**
   * Opens a connection.
   *
   * @param speak fills the pipeline after TLS
   * @param connected called when TCP, and TLS where it is used, stand
   * @param failed called once when no connection comes of it
   */
  void connect(Consumer<ChannelPipeline> speak, Runnable connected, Consumer<Throwable> failed);

  /** Watches that something happens within the connect timeout; otherwise calls it off. */
  void within(BooleanSupplier happened, Runnable callOff);

  /** A request goes once more. */
  void retried();

  /** Says that the upstream cannot be reached. */
  void report(Throwable cause);
}
