package io.scopegate.gateway.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * How one server of an upstream is doing.
 *
 * @param endpoint where it is
 * @param usable the part of the event loops that send requests there, 0 to 1
 * @param requests how many were sent, counted while there are several servers
 * @param failures how many of them failed
 * @param leftOut how often an event loop has left it out
 * @param passesCheck what its active check says; null when there is none, or no result yet
 */
public record UpstreamEndpointState(
    String endpoint,
    double usable,
    long requests,
    long failures,
    long leftOut,
    @Nullable Boolean passesCheck) {}
