package io.scopegate.gateway.forward;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One look-up of the servers that SRV records name, without an upstream that is running. */
public final class SrvServers {
  private SrvServers() {}

  /**
   * Looks them up.
   *
   * @param name the name of the records
   * @param loop where that is done
   * @param timeout how long it may take, for its words
   * @return completes with one at least; fails, in words, when none is found
   */
  public static Future<List<UpstreamPlace>> find(
      String name, EventLoop loop, Transport transport, Duration timeout) {
    Promise<List<UpstreamPlace>> told = Promise.promise();
    SrvEndpoints source =
        new SrvEndpoints(name, transport.records(loop), transport.names(loop), System::nanoTime);
    loop.execute(() -> source.lookUp(new Told(name, timeout, told)));
    return told.future();
  }

  private record Told(String name, Duration timeout, Promise<List<UpstreamPlace>> promise)
      implements EndpointSource.Answer {
    @Override
    public void found(List<EndpointAddress> all) {
      promise.tryComplete(all.stream().map(one -> UpstreamPlace.parse(one.text())).toList());
    }

    @Override
    public void none(Throwable why) {
      failed(why);
    }

    @Override
    public void failed(Throwable why) {
      promise.tryFail(new IOException(Causes.words(why, name, timeout), why));
    }
  }
}
