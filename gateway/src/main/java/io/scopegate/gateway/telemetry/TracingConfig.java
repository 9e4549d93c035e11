package io.scopegate.gateway.telemetry;

import io.scopegate.config.Key;
import io.scopegate.gateway.otlp.OtlpConfig;
import org.jspecify.annotations.Nullable;

/**
 * Which requests get a span of the gateway's own.
 *
 * @param otlp where spans are sent to; null for no tracing at all
 * @param ratio the part of the requests without a trace that gets one
 * @param spansPerSecond how many forwarded requests get a span, on each event loop
 * @param refusalsPerSecond how many refused requests do, on each event loop
 * @param user whether spans name the caller
 */
public record TracingConfig(
    @Key(
            doc =
                "Where the gateway sends spans of its own: one for each request whose trace is"
                    + " recorded. Absent: no tracing.",
            reload = Key.Reload.AT_ONCE)
        @Nullable OtlpConfig otlp,
    @Key(
            doc =
                "The part of the requests without a `traceparent` that begins a trace here, from 0"
                    + " to 1. With a `traceparent` the client has decided.",
            def = "0",
            reload = Key.Reload.AT_ONCE)
        double ratio,
    @Key(
            doc =
                "Forwarded requests that get a span per second, on each event loop; tenants share"
                    + " them fairly. Those beyond it are forwarded with the `traceparent` that"
                    + " they came with.",
            def = "200",
            min = 0,
            max = 100_000,
            reload = Key.Reload.AT_ONCE)
        int spansPerSecond,
    @Key(
            doc =
                "Refused requests that get a span per second, on each event loop; callers share"
                    + " them fairly, and all who are not known are one.",
            def = "5",
            min = 0,
            max = 10_000,
            reload = Key.Reload.AT_ONCE)
        int refusalsPerSecond,
    @Key(
            doc = "Whether spans have the caller's name (`user.name`).",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean user) {}
