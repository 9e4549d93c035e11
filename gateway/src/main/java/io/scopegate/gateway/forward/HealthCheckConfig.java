package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How the servers of an upstream with several are asked whether they are well.
 *
 * @param type what is asked
 * @param path the path of an HTTP check
 * @param service the name in a gRPC check; empty for the whole server
 * @param port the port that is asked; 0 for the one that requests go to
 * @param interval the time between two checks of a server
 * @param timeout how long one may take, connecting included
 * @param failures failed checks in a row after which a server is left out
 * @param successes good checks in a row after which it is used again
 */
public record HealthCheckConfig(
    @Key(
            doc =
                "What is asked: `http`, a GET of `path` that must be answered 200 to 299, or `grpc`,"
                    + " `grpc.health.v1.Health/Check`, which must be answered SERVING. A gRPC server"
                    + " that does not know the service answers UNIMPLEMENTED, and is well.",
            def = "http",
            reload = Key.Reload.AT_ONCE)
        Type type,
    @Key(
            doc = "The path of an HTTP check, without `pathPrefix`.",
            def = "/ready",
            reload = Key.Reload.AT_ONCE)
        String path,
    @Key(
            doc = "The name of the service in a gRPC check; empty for the whole server.",
            def = "\"\"",
            reload = Key.Reload.AT_ONCE)
        String service,
    @Key(
            doc =
                "The port that is asked, when it is another one than that of the requests: Tempo's"
                    + " 3200 where requests go to 4317. It is asked by HTTP/1.1 unless the type is"
                    + " `grpc`. 0: the same.",
            def = "0",
            min = 0,
            max = 65535,
            reload = Key.Reload.AT_ONCE)
        int port,
    @Key(
            doc = "The time between two checks of a server, a tenth more or less.",
            def = "5s",
            min = 100,
            reload = Key.Reload.AT_ONCE)
        Duration interval,
    @Key(
            doc = "How long a check may take, connecting included.",
            def = "1s",
            min = 10,
            reload = Key.Reload.AT_ONCE)
        Duration timeout,
    @Key(
            doc = "Failed checks in a row after which a server is left out.",
            def = "2",
            min = 1,
            max = 100,
            reload = Key.Reload.AT_ONCE)
        int failures,
    @Key(
            doc = "Good checks in a row after which it is used again.",
            def = "1",
            min = 1,
            max = 100,
            reload = Key.Reload.AT_ONCE)
        int successes) {

  /** What is asked. */
  public enum Type {
    /** A GET. */
    HTTP,
    /** A call of gRPC's health service. */
    GRPC
  }
}
