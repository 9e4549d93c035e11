package io.scopegate.gateway.forward;

import io.netty.channel.ChannelPipeline;
import io.scopegate.gateway.exchange.LoopContext;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Makes the connections of one event loop to one endpoint; all calls on that event loop. */
interface Connector {
  /** The upstream's name in the configuration. */
  String name();

  /** The event loop's own things. */
  LoopContext worker();

  UpstreamConfig config();

  /** The time for back-offs, in nanoseconds, as {@link System#nanoTime()}. */
  long nanoTime();

  /**
   * Opens a connection.
   *
   * @param speak fills the pipeline after TLS
   * @param connected called when TCP, and TLS if used, are established
   * @param failed called once when the connection fails
   */
  void connect(Consumer<ChannelPipeline> speak, Runnable connected, Consumer<Throwable> failed);

  /** Calls {@code callOff} unless something happens within the connect timeout. */
  void within(BooleanSupplier happened, Runnable callOff);

  /** Says that the endpoint cannot be reached. */
  void report(Throwable cause);
}
