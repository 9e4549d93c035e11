package io.scopegate.e2e;

import io.scopegate.testkit.tempo.SpanStore;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One of several Tempos, each port of which is reached by a link that may be ill. */
final class FaultyTempo implements AutoCloseable {
  private volatile TempoStandIn tempo = TempoStandIn.start();
  private final List<SpanStore> stores = new CopyOnWriteArrayList<>(List.of(tempo.store()));
  private final FaultyLink otlpGrpc = new FaultyLink(tempo.otlpGrpcPort());
  private final FaultyLink otlpHttp = new FaultyLink(tempo.otlpHttpPort());
  private final FaultyLink query = new FaultyLink(tempo.queryPort());

  TempoStandIn tempo() {
    return tempo;
  }

  /** Where the gateway finds it. */
  GatewayRun.Upstreams ports() {
    return new GatewayRun.Upstreams(otlpGrpc.port(), otlpHttp.port(), query.port());
  }

  /** How many requests it has got since it was started. */
  long asked() {
    return tempo.received().count();
  }

  /** How many connections the gateway has made to it. */
  long connections() {
    return otlpGrpc.accepted() + otlpHttp.accepted() + query.accepted();
  }

  /** How many spans of a trace it has, those of before restarts included. */
  long spans(String tenant, String trace) {
    return stores.stream().mapToLong(store -> store.trace(tenant, trace).size()).sum();
  }

  void become(FaultyLink.Mode mode) {
    otlpGrpc.become(mode);
    otlpHttp.become(mode);
    query.become(mode);
  }

  /** Ends it as a Pod ends, with a word of farewell, and starts another one in its place. */
  void restart() {
    tempo.goAway();
    become(FaultyLink.Mode.GONE);
    tempo.close();
    tempo = TempoStandIn.start();
    stores.add(tempo.store());
    otlpGrpc.lead(tempo.otlpGrpcPort());
    otlpHttp.lead(tempo.otlpHttpPort());
    query.lead(tempo.queryPort());
    become(FaultyLink.Mode.WELL);
  }

  @Override
  public void close() {
    otlpGrpc.close();
    otlpHttp.close();
    query.close();
    tempo.close();
  }
}
