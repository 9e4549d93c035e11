package io.scopegate.gateway.forward;

import io.netty.channel.ChannelPipeline;
import io.scopegate.gateway.exchange.LoopContext;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands where no endpoint is known yet: instead of connecting it has them looked up. When they are
 * found the requests that wait for it move to them, so it never makes a connection.
 */
final class LookUpConnector extends EndpointConnector {
  private static final Logger LOG = LoggerFactory.getLogger(LookUpConnector.class);

  private final LongSupplier clock;
  private final Consumer<Consumer<Throwable>> lookUp;
  private boolean reported;

  /**
   * For an upstream.
   *
   * @param lookUp looks its endpoints up, and calls what it is given when none are found
   */
  LookUpConnector(
      String name,
      UpstreamConfig config,
      LoopContext worker,
      LongSupplier clock,
      Consumer<Consumer<Throwable>> lookUp) {
    super(name, config, worker);
    this.clock = clock;
    this.lookUp = lookUp;
  }

  @Override
  public long nanoTime() {
    return clock.getAsLong();
  }

  @Override
  public void connect(
      Consumer<ChannelPipeline> speak, Runnable connected, Consumer<Throwable> failed) {
    lookUp.accept(cause -> {
      report(cause);
      failed.accept(cause);
    });
  }

  @Override
  public void within(BooleanSupplier happened, Runnable callOff) {}

  /** Logs once: what is found later is another connector's. */
  @Override
  public void report(Throwable cause) {
    if (!reported) {
      reported = true;
      String words = Causes.words(cause, config.url().host(), config.timeouts().connect());
      LOG.warn("upstream {} ({}): no server found: {}", name, config.url(), words);
    }
  }
}
