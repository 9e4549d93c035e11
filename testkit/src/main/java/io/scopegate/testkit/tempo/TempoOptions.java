package io.scopegate.testkit.tempo;

import io.scopegate.testkit.TestCa;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TempoStandIn} is started.
 *
 * @param host the address it listens on
 * @param otlpGrpcPort 0 for any free one
 * @param otlpHttpPort 0 for any free one
 * @param queryPort 0 for any free one
 * @param maxSpansPerTenant when a tenant has more, its oldest traces go
 * @param maxConcurrentStreams what HTTP/2 clients are told in SETTINGS
 * @param tracesPerMessage how many traces one message of a streamed search holds
 * @param multitenant whether a tenant is asked for; without, everything is {@code single-tenant}
 * @param streamOverHttp whether the query port speaks HTTP/2, and so gRPC, as with Tempo's {@code
 *     stream_over_http_enabled}
 * @param certificate makes all ports speak TLS; null for clear text
 */
public record TempoOptions(
    String host,
    int otlpGrpcPort,
    int otlpHttpPort,
    int queryPort,
    int maxSpansPerTenant,
    int maxConcurrentStreams,
    int tracesPerMessage,
    boolean multitenant,
    boolean streamOverHttp,
    TestCa.@Nullable Issued certificate) {

  /** Any free ports on loopback, clear text. */
  public static TempoOptions defaults() {
    return new TempoOptions("127.0.0.1", 0, 0, 0, 200_000, 2_000, 1, true, true, null);
  }

  /** With these ports. */
  public TempoOptions withPorts(int otlpGrpc, int otlpHttp, int query) {
    return new TempoOptions(
        host,
        otlpGrpc,
        otlpHttp,
        query,
        maxSpansPerTenant,
        maxConcurrentStreams,
        tracesPerMessage,
        multitenant,
        streamOverHttp,
        certificate);
  }

  /** With this many traces in a message of a streamed search. */
  public TempoOptions withTracesPerMessage(int traces) {
    return new TempoOptions(
        host,
        otlpGrpcPort,
        otlpHttpPort,
        queryPort,
        maxSpansPerTenant,
        maxConcurrentStreams,
        traces,
        multitenant,
        streamOverHttp,
        certificate);
  }

  /** With this limit of streams on a connection. */
  public TempoOptions withMaxConcurrentStreams(int streams) {
    return new TempoOptions(
        host,
        otlpGrpcPort,
        otlpHttpPort,
        queryPort,
        maxSpansPerTenant,
        streams,
        tracesPerMessage,
        multitenant,
        streamOverHttp,
        certificate);
  }

  /** With TLS on all ports. */
  public TempoOptions withTls(TestCa.Issued issued) {
    return new TempoOptions(
        host,
        otlpGrpcPort,
        otlpHttpPort,
        queryPort,
        maxSpansPerTenant,
        maxConcurrentStreams,
        tracesPerMessage,
        multitenant,
        streamOverHttp,
        issued);
  }

  /** Without tenants: a query without one is answered from everything. */
  public TempoOptions withoutTenants() {
    return new TempoOptions(
        host,
        otlpGrpcPort,
        otlpHttpPort,
        queryPort,
        maxSpansPerTenant,
        maxConcurrentStreams,
        tracesPerMessage,
        false,
        streamOverHttp,
        certificate);
  }

  /** With a query port that speaks HTTP/1.1 alone. */
  public TempoOptions withoutStreamOverHttp() {
    return new TempoOptions(
        host,
        otlpGrpcPort,
        otlpHttpPort,
        queryPort,
        maxSpansPerTenant,
        maxConcurrentStreams,
        tracesPerMessage,
        multitenant,
        false,
        certificate);
  }
}
